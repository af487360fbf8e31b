import django.contrib.postgres.fields
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('projects', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DrawingSet',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('item_code', models.CharField(blank=True, max_length=40)),
                ('name', models.CharField(max_length=120)),
                ('stage', models.CharField(blank=True, max_length=40)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='drawing_sets', to='projects.project')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'name'), name='drawing_set_name_once')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveIntegerField()),
                ('no', models.CharField(max_length=4)),
                ('note', models.CharField(blank=True, max_length=400)),
                ('state', models.CharField(choices=[('uploading', 'uploading'), ('checking', 'checking'), ('clean', 'clean'), ('rejected', 'rejected')], default='uploading', max_length=10)),
                ('on_behalf_of', models.UUIDField(null=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('checked_at', models.DateTimeField(null=True)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='drawings.drawingset')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('set', 'position'), name='revision_once'), models.CheckConstraint(condition=models.Q(('state__in', ('uploading', 'checking', 'clean', 'rejected'))), name='revision_state_known')],
            },
        ),
        migrations.CreateModel(
            name='Sheet',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(max_length=80)),
                ('position', models.PositiveIntegerField(default=0)),
                ('number', models.CharField(blank=True, max_length=60)),
                ('name', models.CharField(max_length=200)),
                ('kind', models.CharField(max_length=10)),
                ('bbox', django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), size=4)),
                ('units', models.CharField(blank=True, max_length=20)),
                ('scale', models.FloatField(null=True)),
                ('fingerprint', models.CharField(blank=True, max_length=64)),
                ('fidelity', models.JSONField(default=dict)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('open', 'open'), ('frozen', 'frozen'), ('signed', 'signed')], default='draft', max_length=8)),
                ('round_id', models.UUIDField(db_index=True, null=True)),
                ('seq', models.PositiveIntegerField(default=0)),
                ('head_hash', models.BinaryField(default=b'\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00')),
                ('epoch', models.UUIDField(default=uuid.uuid4)),
                ('anchored_seq', models.PositiveIntegerField(default=0)),
                ('anchored_at', models.DateTimeField(null=True)),
                ('predecessor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='successors', to='drawings.sheet')),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='drawings.revision')),
            ],
            options={
                'indexes': [models.Index(fields=['revision', 'position'], name='sheet_order')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'open', 'frozen', 'signed'))), name='sheet_state_known'), models.CheckConstraint(condition=models.Q(('anchored_seq__lte', models.F('seq'))), name='sheet_anchor_behind_head')],
            },
        ),
        migrations.CreateModel(
            name='Annotation',
            fields=[
                ('obj', models.UUIDField(primary_key=True, serialize=False)),
                ('ver', models.PositiveIntegerField()),
                ('deleted', models.BooleanField(default=False)),
                ('cited', models.BooleanField(default=False)),
                ('resolved', models.BooleanField(default=False)),
                ('dept', models.CharField(max_length=8, null=True)),
                ('at', models.DateTimeField()),
                ('p', models.JSONField()),
                ('thread', models.JSONField(default=list)),
                ('cited_by', django.contrib.postgres.fields.ArrayField(base_field=models.UUIDField(), default=list, size=None)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='annotations', to='drawings.sheet')),
            ],
            options={
                'indexes': [models.Index(fields=['sheet', 'deleted'], name='annotation_sheet')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('cited', False), ('cited_by', [])), models.Q(('cited', True), models.Q(('cited_by', []), _negated=True)), _connector='OR'), name='annotation_cited_by')],
            },
        ),
        migrations.CreateModel(
            name='SheetOp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('cid', models.CharField(max_length=40)),
                ('k', models.CharField(max_length=12)),
                ('obj', models.UUIDField(null=True)),
                ('ver', models.PositiveIntegerField(null=True)),
                ('dept', models.CharField(max_length=8, null=True)),
                ('post_id', models.BigIntegerField(null=True)),
                ('at', models.DateTimeField()),
                ('p', models.JSONField(default=dict)),
                ('prev_hash', models.BinaryField()),
                ('hash', models.BinaryField()),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sheet', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ops', to='drawings.sheet')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('obj__isnull', False)), fields=['obj'], name='op_of_mark')],
                'constraints': [models.UniqueConstraint(fields=('sheet', 'seq'), name='op_seq_once'), models.UniqueConstraint(fields=('sheet', 'by', 'cid'), name='op_cid_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='SourceFile',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=255)),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField()),
                ('format', models.CharField(blank=True, max_length=8)),
                ('state', models.CharField(choices=[('queued', 'queued'), ('inspecting', 'inspecting'), ('rendering', 'rendering'), ('ready', 'ready'), ('refused', 'refused')], default='queued', max_length=10)),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('quarantine', models.CharField(blank=True, max_length=64)),
                ('render_sha', models.CharField(blank=True, max_length=64)),
                ('progress', models.PositiveSmallIntegerField(default=0)),
                ('step', models.CharField(blank=True, max_length=40)),
                ('code', models.CharField(blank=True, max_length=20)),
                ('detail', models.JSONField(default=dict)),
                ('findings', models.JSONField(default=dict)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('held_until', models.DateTimeField(null=True)),
                ('asked_at', models.DateTimeField(null=True)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('finished_at', models.DateTimeField(null=True)),
                ('revision', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='drawings.revision')),
            ],
            options={
                'indexes': [models.Index(fields=['sha256'], name='file_sha256'), models.Index(condition=models.Q(('render_sha', ''), _negated=True), fields=['render_sha'], name='file_render_sha'), models.Index(condition=models.Q(('state__in', ['queued', 'inspecting', 'rendering'])), fields=['made_at'], name='file_waiting')],
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ('queued', 'inspecting', 'rendering', 'ready', 'refused'))), name='file_state_known'), models.CheckConstraint(condition=models.Q(('progress__lte', 100)), name='file_progress_percent'), models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('revision', 'sha256'), name='file_content_once')],
            },
        ),
        migrations.AddField(
            model_name='sheet',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='sheets', to='drawings.sourcefile'),
        ),
        migrations.AddConstraint(
            model_name='sheet',
            constraint=models.UniqueConstraint(fields=('file', 'key'), name='sheet_key_once'),
        ),
    ]
