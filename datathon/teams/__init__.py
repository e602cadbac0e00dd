"""Teams, their members and their invitations."""
