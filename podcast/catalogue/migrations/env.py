"""Run the steps on the connection that the caller has opened, inside its transaction."""

from alembic import context

context.configure(connection=context.config.attributes["connection"], version_table="catalogue_version")
context.run_migrations()
