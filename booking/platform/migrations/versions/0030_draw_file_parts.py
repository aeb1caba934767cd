"""A file of a draw in parts: of a nation it is larger than a field of a row can be."""

from alembic import op

revision = "0030_draw_file_parts"
down_revision = "0027_apply"

old_code_can_run = False
"""The version before would give away the beginning of a large file as the whole, and writes no size."""

old_pages_can_run = True
"""Workers alone write files, and those of this version begin once no page of the version before is left."""

beside_old_code = {"draw_file": "workers alone write files"}


def upgrade() -> None:
    """Files that are there stay whole in their own rows; what compresses no further is not tried."""
    op.execute(
        """
        ALTER TABLE draw_file ADD COLUMN size bigint;
        UPDATE draw_file SET size = octet_length(content);
        ALTER TABLE draw_file ALTER COLUMN size SET NOT NULL;
        CREATE TABLE draw_file_part (
            draw_id uuid NOT NULL,
            name varchar(60) NOT NULL,
            start bigint NOT NULL CONSTRAINT ck_draw_file_part_start CHECK (start > 0),
            content bytea NOT NULL,
            CONSTRAINT pk_draw_file_part PRIMARY KEY (draw_id, name, start),
            CONSTRAINT fk_draw_file_part_draw_id FOREIGN KEY (draw_id, name) REFERENCES draw_file
        );
        ALTER TABLE draw_file_part ALTER COLUMN content SET STORAGE EXTERNAL;
        """
    )
