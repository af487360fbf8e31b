import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('accounts', '__first__'),
        ('drawings', '0003_uploads_and_checks'),
        ('joint_review', '0001_initial'),
        ('projects', '0004_plan_conflicts'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExpertMeeting',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('held_at', models.DateTimeField()),
                ('place', models.CharField(max_length=200)),
                ('experts', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), size=None)),
                ('minutes', models.TextField()),
                ('recorded_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('recorded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('round', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='meeting', to='joint_review.round')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('minutes', ''), _negated=True), name='meeting_has_minutes')],
            },
        ),
        migrations.AddField(
            model_name='round',
            name='kind',
            field=models.CharField(choices=[('drawings', 'drawings'), ('early_opinion', 'early_opinion'), ('plan_evaluation', 'plan_evaluation'), ('multi_evaluation', 'multi_evaluation'), ('three_reports', 'three_reports')], default='drawings', max_length=16),
        ),
        migrations.AddField(
            model_name='round',
            name='subject',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AlterField(
            model_name='round',
            name='item',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='projects.itemcase'),
        ),
        migrations.AlterField(
            model_name='round',
            name='revision',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='drawings.revision'),
        ),
        migrations.AlterField(
            model_name='round',
            name='set',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='drawings.drawingset'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['complete', 'noticed', 'open']), models.Q(('kind', 'drawings'), _negated=True)), fields=('project', 'kind'), name='round_one_evaluation_running'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'drawings'), _negated=True), fields=('project', 'kind', 'no'), name='round_evaluation_once'),
        ),
        migrations.AddConstraint(
            model_name='round',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('item__isnull', False), ('kind', 'drawings'), ('revision__isnull', False), ('set__isnull', False)), models.Q(('item__isnull', True), ('kind__in', ('early_opinion', 'plan_evaluation', 'multi_evaluation', 'three_reports')), ('revision__isnull', True), ('set__isnull', True)), _connector='OR'), name='round_about_drawings_or_not'),
        ),
    ]
