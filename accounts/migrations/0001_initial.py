import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('username', models.CharField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=60)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('phone', models.CharField(blank=True, max_length=30)),
                ('language', models.CharField(default='zh-hans', max_length=10)),
                ('is_active', models.BooleanField(default=True)),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now)),
                ('permission_epoch', models.PositiveIntegerField(default=0)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='District',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=12, unique=True)),
                ('name_zh', models.CharField(max_length=60)),
                ('name_en', models.CharField(max_length=60)),
                ('epsg', models.PositiveIntegerField(default=4549)),
            ],
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('enterprise', 'Enterprise'), ('design_institute', 'Design Institute'), ('agency', 'Agency')], max_length=20)),
                ('name', models.CharField(max_length=120)),
                ('name_en', models.CharField(blank=True, max_length=120)),
                ('uscc', models.CharField(max_length=18, unique=True)),
                ('legal_representative', models.CharField(blank=True, max_length=60)),
                ('address', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Department',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=8)),
                ('name_zh', models.CharField(max_length=60)),
                ('name_en', models.CharField(max_length=80)),
                ('short_name', models.CharField(max_length=20)),
                ('badge', models.CharField(max_length=2)),
                ('color', models.PositiveSmallIntegerField(default=0)),
                ('exercised_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='exercises', to='accounts.department')),
                ('district', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='departments', to='accounts.district')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('district', 'code'), name='department_once'), models.CheckConstraint(condition=models.Q(('color__lte', 11)), name='department_color_of_twelve'), models.CheckConstraint(condition=models.Q(('exercised_by__isnull', True), models.Q(('exercised_by', models.F('id')), _negated=True), _connector='OR'), name='department_not_itself')],
            },
        ),
        migrations.CreateModel(
            name='Mandate',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('number', models.CharField(max_length=40, unique=True)),
                ('projects', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), blank=True, default=list, size=None)),
                ('items', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), blank=True, default=list, size=None)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('state', models.CharField(choices=[('granted', 'Granted'), ('live', 'Live'), ('revoked', 'Revoked'), ('declined', 'Declined')], default='granted', max_length=10)),
                ('granted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('accepted_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to=settings.AUTH_USER_MODEL)),
                ('ended_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('granted_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('principal', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mandates', to='accounts.organisation')),
            ],
            options={
                'indexes': [models.Index(fields=['agent', 'state'], name='mandate_agent')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('starts_on'))), name='mandate_period')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=60)),
                ('title_en', models.CharField(blank=True, max_length=80)),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=20), size=None)),
                ('is_active', models.BooleanField(default=True)),
                ('department', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='accounts.department')),
                ('district', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='accounts.district')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='accounts.organisation')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='posts', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('department__isnull', True), ('organisation__isnull', True), _connector='OR'), name='post_in_one_house'), models.CheckConstraint(condition=models.Q(models.Q(('roles__overlap', ['sysadmin', 'secadmin', 'auditor']), _negated=True), ('roles__contained_by', ['sysadmin']), ('roles__contained_by', ['secadmin']), ('roles__contained_by', ['auditor']), _connector='OR'), name='post_three_administrators_apart')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
                ('post', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='accounts.post')),
            ],
        ),
        migrations.CreateModel(
            name='SecondKey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('action', models.CharField(max_length=80)),
                ('subject_type', models.CharField(max_length=60)),
                ('subject_id', models.CharField(max_length=64)),
                ('arguments', models.JSONField(default=dict)),
                ('summary', models.CharField(max_length=400)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('confirmed', 'Confirmed'), ('refused', 'Refused')], default='waiting', max_length=10)),
                ('answered_at', models.DateTimeField(null=True)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_mandate', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.mandate')),
                ('asked_post', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.post')),
            ],
            options={
                'indexes': [models.Index(fields=['state', 'action'], name='second_key_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('answered_by__isnull', True), models.Q(('answered_by', models.F('asked_by')), _negated=True), ('state', 'refused'), _connector='OR'), name='second_key_is_another_person')],
            },
        ),
    ]
