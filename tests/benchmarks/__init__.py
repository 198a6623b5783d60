"""What the office waits for, measured. ``make bench`` runs them; nothing here fails because a machine is slow."""
