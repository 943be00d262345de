"""The SQL engines that join and read rows."""
