"""Technical foundations: settings, database, tables, migrations, files, languages and traces."""
