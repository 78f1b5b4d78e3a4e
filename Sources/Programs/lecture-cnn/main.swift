import Commands

// The program to install: every command is one of its subcommands.
Launcher.main()
