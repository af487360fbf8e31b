import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '__first__'),
        ('drawings', '0002_append_only'),
    ]

    operations = [
        migrations.AddField(
            model_name='revision',
            name='checks',
            field=models.JSONField(blank=True, default=list),
        ),
        migrations.AddField(
            model_name='sheet',
            name='readings',
            field=models.JSONField(blank=True, default=dict),
        ),
        migrations.AddField(
            model_name='sourcefile',
            name='folder',
            field=models.CharField(blank=True, max_length=400),
        ),
        migrations.CreateModel(
            name='Upload',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('on_behalf_of', models.UUIDField(null=True)),
                ('name', models.CharField(max_length=255)),
                ('folder', models.CharField(blank=True, max_length=400)),
                ('size', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('offset', models.BigIntegerField(default=0)),
                ('quarantine', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('touched_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='uploads', to='drawings.drawingset')),
            ],
            options={
                'indexes': [models.Index(fields=['touched_at'], name='upload_touched')],
                'constraints': [models.UniqueConstraint(fields=('set', 'person', 'on_behalf_of', 'sha256', 'name', 'folder'), name='upload_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('offset__gte', 0), ('offset__lte', models.F('size'))), name='upload_offset_in_size')],
            },
        ),
    ]
