"""Pages of the projects room: the wizard, the window's intake, the items."""
