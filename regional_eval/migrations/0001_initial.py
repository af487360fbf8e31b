import django.contrib.postgres.indexes
import django.db.models.deletion
import django.utils.timezone
import regional_eval.models.layers
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
    ]

    operations = [
        migrations.CreateModel(
            name='Assessment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('number', models.CharField(blank=True, max_length=120)),
                ('holder', models.CharField(blank=True, max_length=120)),
                ('report_document', models.CharField(blank=True, max_length=200)),
                ('expert_opinion', models.TextField(blank=True)),
                ('approval_document_no', models.CharField(blank=True, max_length=120)),
                ('approved_on', models.DateField(blank=True, null=True)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('plan_version', models.CharField(blank=True, max_length=80)),
                ('parameter_limits', models.JSONField(default=list)),
                ('industries', models.JSONField(default=list)),
                ('negative_list', models.JSONField(default=list)),
                ('exceptions', models.JSONField(default=list)),
                ('effect', models.CharField(choices=[('EXEMPT', 'Exempt'), ('SIMPLIFIED', 'Simplified'), ('COMMITMENT', 'Commitment')], max_length=10)),
                ('not_needed', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('reviewed', 'Reviewed'), ('published', 'Published'), ('superseded', 'Superseded'), ('expired', 'Expired'), ('revoked', 'Revoked')], default='draft', max_length=10)),
                ('revoked_reason', models.TextField(blank=True)),
                ('fee_saved_yuan', models.PositiveIntegerField(blank=True, null=True)),
                ('days_saved', models.PositiveIntegerField(blank=True, null=True)),
                ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='regional_eval.assessment')),
            ],
            options={
                'indexes': [models.Index(fields=['kind', 'state'], name='assessment_kind_state')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'reviewed', 'published', 'expired', 'revoked'])), name='assessment_state_known'), models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='assessment_term_forward')],
            },
        ),
        migrations.CreateModel(
            name='LayerVersion',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('purpose', models.CharField(choices=[('assessment', 'Assessment'), ('plan', 'Plan')], max_length=10)),
                ('kind', models.CharField(max_length=40)),
                ('code', models.CharField(max_length=80)),
                ('version', models.CharField(max_length=40)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('reviewed', 'Reviewed'), ('published', 'Published'), ('superseded', 'Superseded'), ('expired', 'Expired'), ('revoked', 'Revoked')], default='draft', max_length=10)),
                ('effective_from', models.DateField()),
                ('effective_to', models.DateField(blank=True, null=True)),
                ('owner_department_code', models.CharField(blank=True, max_length=8)),
                ('severity', models.CharField(blank=True, max_length=10)),
                ('attributes', models.JSONField(default=dict)),
                ('crs_epsg', models.PositiveIntegerField()),
                ('repairs', models.JSONField(default=list)),
                ('rejections', models.JSONField(default=list)),
                ('features', models.PositiveIntegerField(default=0)),
                ('sha256', models.CharField(max_length=64)),
                ('minx', models.FloatField()),
                ('miny', models.FloatField()),
                ('maxx', models.FloatField()),
                ('maxy', models.FloatField()),
                ('drafted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('reviewed_at', models.DateTimeField(blank=True, null=True)),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('district', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.district')),
                ('drafted_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('published_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reviewed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('supersedes', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='superseded_by', to='regional_eval.layerversion')),
            ],
            options={
                'indexes': [models.Index(fields=['purpose', 'state', 'kind'], name='layer_in_force')],
                'constraints': [models.UniqueConstraint(fields=('purpose', 'district', 'code', 'version'), name='layer_version_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'reviewed', 'published', 'superseded', 'expired', 'revoked'])), name='layer_state_known'), models.CheckConstraint(condition=models.Q(('effective_to__isnull', True), ('effective_to__gte', models.F('effective_from')), _connector='OR'), name='layer_interval_forward')],
            },
        ),
        migrations.CreateModel(
            name='Feature',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('index', models.PositiveIntegerField()),
                ('role', models.CharField(choices=[('area', 'Area'), ('cutout', 'Cutout')], default='area', max_length=6)),
                ('attributes', models.JSONField(default=dict)),
                ('lonlat', models.BinaryField()),
                ('plane', models.BinaryField(null=True)),
                ('area_m2', models.FloatField()),
                ('sha256', models.CharField(max_length=64)),
                ('assessment', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='polygons', to='regional_eval.assessment')),
                ('layer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='regional_eval.layerversion')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('layer', 'index'), name='feature_once')],
            },
        ),
        migrations.AddField(
            model_name='assessment',
            name='layer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='regional_eval.layerversion'),
        ),
        migrations.CreateModel(
            name='Region',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=80)),
                ('name', models.CharField(max_length=120)),
                ('name_en', models.CharField(blank=True, max_length=160)),
                ('boundary', models.JSONField(blank=True, null=True)),
                ('district', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.district')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('district', 'code'), name='region_code_once', nulls_distinct=False)],
            },
        ),
        migrations.AddField(
            model_name='assessment',
            name='region',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assessments', to='regional_eval.region'),
        ),
        migrations.CreateModel(
            name='SourceFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=200)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveBigIntegerField()),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('uploaded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='layerversion',
            name='source',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='layers', to='regional_eval.sourcefile'),
        ),
        migrations.CreateModel(
            name='Tile',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('plane', models.BinaryField()),
                ('minx', models.FloatField()),
                ('miny', models.FloatField()),
                ('maxx', models.FloatField()),
                ('maxy', models.FloatField()),
                ('ground', models.GeneratedField(db_persist=True, expression=models.Func(models.Func(models.F('minx'), models.F('miny'), function='point'), models.Func(models.F('maxx'), models.F('maxy'), function='point'), function='box'), output_field=regional_eval.models.layers.BoxField())),
                ('feature', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='tiles', to='regional_eval.feature')),
                ('layer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='regional_eval.layerversion')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['ground'], name='tile_ground')],
            },
        ),
    ]
