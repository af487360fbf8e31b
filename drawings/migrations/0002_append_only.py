"""The database itself refuses to change a sheet's op log (操作日志不可改)."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION drawings_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the op log of a sheet is append-only';
END $$;

CREATE FUNCTION drawings_refuse_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Test databases are emptied between tests; no other database is.
    IF current_database() NOT LIKE 'test\\_%' THEN
        RAISE EXCEPTION 'the op log of a sheet is append-only';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER drawings_sheetop_append_only BEFORE UPDATE OR DELETE ON drawings_sheetop
    FOR EACH ROW EXECUTE FUNCTION drawings_refuse_change();
CREATE TRIGGER drawings_sheetop_no_truncate BEFORE TRUNCATE ON drawings_sheetop
    FOR EACH STATEMENT EXECUTE FUNCTION drawings_refuse_truncate();
"""

BACKWARD = """
DROP TRIGGER drawings_sheetop_no_truncate ON drawings_sheetop;
DROP TRIGGER drawings_sheetop_append_only ON drawings_sheetop;
DROP FUNCTION drawings_refuse_truncate();
DROP FUNCTION drawings_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("drawings", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
