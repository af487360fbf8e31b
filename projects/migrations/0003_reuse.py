import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('projects', '0002_catalogue_and_prereview'),
    ]

    operations = [
        migrations.CreateModel(
            name='AssessmentReuse',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=40)),
                ('department_code', models.CharField(max_length=8)),
                ('state', models.CharField(choices=[('proposed', 'Proposed'), ('confirmed', 'Confirmed'), ('refused', 'Refused'), ('withdrawn', 'Withdrawn'), ('renewed', 'Renewed'), ('lapsed', 'Lapsed'), ('recalled', 'Recalled')], default='proposed', max_length=10)),
                ('outcome', models.CharField(max_length=24)),
                ('effect', models.CharField(blank=True, max_length=10)),
                ('used_on', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('answer', models.JSONField()),
                ('answer_sha256', models.CharField(max_length=64)),
                ('assessment_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('layer_ids', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('report_days', models.PositiveIntegerField(blank=True, null=True)),
                ('fee_yuan', models.PositiveIntegerField(blank=True, null=True)),
                ('remark', models.TextField(blank=True)),
                ('proposed_at', models.DateTimeField()),
                ('promised_at', models.DateTimeField(blank=True, null=True)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('decision_remark', models.TextField(blank=True)),
                ('paper_id', models.UUIDField(blank=True, null=True)),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_why', models.TextField(blank=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reuses', to='projects.project')),
                ('promised_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['proposed_at'],
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['assessment_ids'], name='reuse_by_assessment'), models.Index(condition=models.Q(('state', 'proposed')), fields=['department_code'], name='reuse_desk'), models.Index(fields=['paper_id'], name='reuse_of_paper')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['proposed', 'confirmed'])), fields=('project', 'kind'), name='reuse_live_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('decided_at__isnull', False), ('paper_id__isnull', False)), _connector='OR'), name='reuse_confirmed_has_paper'), models.CheckConstraint(condition=models.Q(models.Q(('effect', 'COMMITMENT'), ('state', 'confirmed'), _negated=True), ('promised_at__isnull', False), _connector='OR'), name='reuse_commitment_is_signed')],
            },
        ),
        migrations.CreateModel(
            name='RecheckTask',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('cause', models.CharField(choices=[('assessment_ended', 'Assessment Ended'), ('plan_published', 'Plan Published')], max_length=16)),
                ('kind', models.CharField(max_length=40)),
                ('layer_id', models.UUIDField()),
                ('how', models.CharField(max_length=16)),
                ('reason', models.TextField(blank=True)),
                ('department_code', models.CharField(max_length=8)),
                ('opened_at', models.DateTimeField()),
                ('due_on', models.DateField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(blank=True, choices=[('kept', 'Kept'), ('renewed', 'Renewed'), ('put_back', 'Put Back'), ('moot', 'Moot')], max_length=10)),
                ('remark', models.TextField(blank=True)),
                ('closed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rechecks', to='projects.project')),
                ('reuse', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rechecks', to='projects.assessmentreuse')),
            ],
            options={
                'ordering': ['opened_at'],
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['department_code', 'due_on'], name='reuse_recheck_open')],
                'constraints': [models.UniqueConstraint(fields=('reuse', 'layer_id', 'how'), name='reuse_recheck_once'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('outcome', '')), models.Q(('closed_at__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='reuse_recheck_closed_has_outcome')],
            },
        ),
        migrations.AlterField(
            model_name='itemcase',
            name='need',
            field=models.CharField(choices=[('needed', 'needed'), ('not_needed', 'not_needed'), ('reused', 'reused'), ('simplified', 'simplified'), ('promised', 'promised'), ('tolerated', 'tolerated'), ('undecided', 'undecided')], max_length=12),
        ),
        migrations.AddIndex(
            model_name='site',
            index=django.contrib.postgres.indexes.GistIndex(models.Func(models.Func(models.F('min_lon'), models.F('min_lat'), function='point'), models.Func(models.F('max_lon'), models.F('max_lat'), function='point'), function='box'), name='site_box'),
        ),
    ]
