import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('projects', '0003_reuse'),
    ]

    operations = [
        migrations.CreateModel(
            name='PlanContradiction',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('first_layer_id', models.UUIDField()),
                ('first_layer', models.CharField(max_length=40)),
                ('first_title', models.CharField(max_length=160)),
                ('first_department_code', models.CharField(max_length=8)),
                ('second_layer_id', models.UUIDField()),
                ('second_layer', models.CharField(max_length=40)),
                ('second_title', models.CharField(max_length=160)),
                ('second_department_code', models.CharField(max_length=8)),
                ('reason', models.CharField(max_length=32)),
                ('patches', models.JSONField()),
                ('area_m2', models.FloatField()),
                ('state', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed'), ('gone', 'Gone')], default='open', max_length=8)),
                ('found_at', models.DateTimeField()),
                ('due_on', models.DateField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, max_length=10)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.district')),
            ],
            options={
                'ordering': ['due_on', 'number'],
                'indexes': [models.Index(fields=['district', 'state', 'due_on'], name='contradiction_desk')],
                'constraints': [models.UniqueConstraint(fields=('district', 'number'), name='contradiction_number_once'), models.UniqueConstraint(fields=('first_layer_id', 'second_layer_id', 'reason'), name='contradiction_once'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('outcome', ''), ('state', 'open')), models.Q(('closed_at__isnull', False), ('state', 'gone')), models.Q(('closed_at__isnull', False), ('state', 'closed'), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='contradiction_closed_with_outcome')],
            },
        ),
        migrations.CreateModel(
            name='ContradictionAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('department_code', models.CharField(max_length=8)),
                ('position', models.CharField(choices=[('amend', 'amend'), ('stand', 'stand'), ('no_contradiction', 'no_contradiction')], max_length=16)),
                ('text', models.TextField()),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('contradiction', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='projects.plancontradiction')),
            ],
            options={
                'ordering': ['made_at'],
                'constraints': [models.UniqueConstraint(fields=('contradiction', 'department_code'), name='contradiction_answered_once'), models.CheckConstraint(condition=models.Q(('position__in', ('amend', 'stand', 'no_contradiction'))), name='contradiction_position_known'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='contradiction_answer_says_why')],
            },
        ),
        migrations.CreateModel(
            name='SiteCheck',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('no', models.PositiveIntegerField()),
                ('on', models.DateField()),
                ('at', models.DateTimeField()),
                ('cause', models.CharField(choices=[('asked', 'asked'), ('site_set', 'site_set'), ('layer_published', 'layer_published'), ('layer_ended', 'layer_ended')], max_length=16)),
                ('layer_id', models.UUIDField(blank=True, null=True)),
                ('site_sha256', models.CharField(max_length=64)),
                ('rule', models.CharField(max_length=40)),
                ('layers', models.JSONField(default=list)),
                ('clear', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('result', models.JSONField()),
                ('sha256', models.CharField(max_length=64)),
                ('came', models.PositiveIntegerField(default=0)),
                ('went', models.PositiveIntegerField(default=0)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='site_checks', to='projects.project')),
            ],
            options={
                'ordering': ['-no'],
                'constraints': [models.UniqueConstraint(fields=('project', 'no'), name='site_check_no_once'), models.CheckConstraint(condition=models.Q(('cause__in', ('asked', 'site_set', 'layer_published', 'layer_ended'))), name='site_check_cause_known')],
            },
        ),
        migrations.CreateModel(
            name='PlanConflict',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('layer', models.CharField(max_length=40)),
                ('layer_id', models.UUIDField()),
                ('feature', models.IntegerField()),
                ('kind', models.CharField(max_length=24)),
                ('severity', models.CharField(max_length=10)),
                ('area_m2', models.FloatField()),
                ('mu', models.FloatField()),
                ('share', models.FloatField()),
                ('geometry', models.JSONField()),
                ('reasons', models.JSONField(default=list)),
                ('department_code', models.CharField(max_length=8)),
                ('digest', models.CharField(max_length=64)),
                ('state', models.CharField(choices=[('open', 'Open'), ('overridden', 'Overridden'), ('resolved', 'Resolved')], default='open', max_length=10)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plan_conflicts', to='projects.project')),
                ('first_check', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.sitecheck')),
                ('last_check', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='conflicts', to='projects.sitecheck')),
            ],
            options={
                'indexes': [models.Index(fields=['project', 'state'], name='plan_conflict_of_project'), models.Index(fields=['department_code', 'state'], name='plan_conflict_of_owner')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'resolved'), _negated=True), fields=('project', 'digest'), name='plan_conflict_live_once'), models.CheckConstraint(condition=models.Q(models.Q(('resolved_at__isnull', False), ('state', 'resolved')), models.Q(models.Q(('state', 'resolved'), _negated=True), ('resolved_at__isnull', True)), _connector='OR'), name='plan_conflict_resolved_at')],
            },
        ),
        migrations.CreateModel(
            name='ConflictOverride',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('finding', models.CharField(choices=[('wrong_layer', 'wrong_layer'), ('not_applicable', 'not_applicable'), ('approved', 'approved'), ('conditions', 'conditions')], max_length=16)),
                ('reason', models.TextField()),
                ('document', models.CharField(blank=True, max_length=120)),
                ('conditions', models.TextField(blank=True)),
                ('department_code', models.CharField(max_length=8)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('conflict', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='override', to='projects.planconflict')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('finding__in', ('wrong_layer', 'not_applicable', 'approved', 'conditions'))), name='override_finding_known'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='override_says_why'), models.CheckConstraint(condition=models.Q(models.Q(('finding', 'approved'), _negated=True), models.Q(('document', ''), _negated=True), _connector='OR'), name='override_names_approval'), models.CheckConstraint(condition=models.Q(models.Q(('finding', 'conditions'), _negated=True), models.Q(('conditions', ''), _negated=True), _connector='OR'), name='override_sets_terms')],
            },
        ),
    ]
