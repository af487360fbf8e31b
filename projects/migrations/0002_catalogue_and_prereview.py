import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('projects', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Power',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('department_code', models.CharField(max_length=8)),
                ('item_code', models.CharField(blank=True, max_length=20)),
                ('holder_code', models.CharField(max_length=8)),
                ('kind', models.CharField(choices=[('own', 'Own'), ('handed_down', 'Handed Down'), ('entrusted', 'Entrusted'), ('authorised', 'Authorised'), ('concentrated', 'Concentrated')], max_length=14)),
                ('basis', models.TextField()),
                ('delegated_by', models.CharField(blank=True, max_length=120)),
                ('valid_from', models.DateField()),
                ('valid_to', models.DateField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('taken_back_at', models.DateTimeField(blank=True, null=True)),
                ('taken_back_why', models.TextField(blank=True)),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.district')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['department_code', 'item_code', '-valid_from'],
                'constraints': [models.CheckConstraint(condition=models.Q(('valid_to__isnull', True), ('valid_to__gte', models.F('valid_from')), _connector='OR'), name='power_forward'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('confirmed_at__isnull', False)), expressions=[(models.F('district'), '='), (models.F('department_code'), '='), (models.F('item_code'), '='), (models.Func(models.F('valid_from'), models.F('valid_to'), models.Value('[]'), function='DATERANGE', output_field=django.contrib.postgres.fields.ranges.DateRangeField()), '&&')], name='power_held_by_one_at_a_time')],
            },
        ),
        migrations.CreateModel(
            name='PrereviewMessage',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('item_code', models.CharField(blank=True, max_length=20)),
                ('side', models.CharField(choices=[('applicant', 'Applicant'), ('window', 'Window')], max_length=10)),
                ('verdict', models.CharField(blank=True, choices=[('', 'None'), ('ready', 'Ready'), ('mend', 'Mend')], max_length=6)),
                ('text', models.TextField()),
                ('at', models.DateTimeField()),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='prereview_messages', to='projects.project')),
            ],
            options={
                'ordering': ['at'],
                'indexes': [models.Index(fields=['project', 'at'], name='prereview_of_project')],
            },
        ),
        migrations.AddField(
            model_name='itemcase',
            name='handling',
            field=models.CharField(default='standard', max_length=12),
        ),
        migrations.AddField(
            model_name='itemcase',
            name='internal_days',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='itemcase',
            name='internal_due_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='itemcase',
            name='step_due_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='pipelineedition',
            name='based_on',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='projects.pipelineedition'),
        ),
        migrations.AddField(
            model_name='pipelineedition',
            name='draft_version',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='project',
            name='mode',
            field=models.CharField(choices=[('standard', 'Standard'), ('build_first', 'Build First'), ('zero_land', 'Zero Land')], default='standard', max_length=12),
        ),
        migrations.AddField(
            model_name='project',
            name='prereview_answered_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='project',
            name='prereview_asked_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name='itemcase',
            index=models.Index(condition=models.Q(('decided_at__isnull', True), ('ready_at__isnull', False)), fields=['step_due_on'], name='item_step_due'),
        ),
    ]
