"""The steps that make the catalogue's database and bring an older one up to date (Alembic).

A step that was released never changes. Run by ``podcast.catalogue.schema``; nothing here is imported otherwise.
"""
