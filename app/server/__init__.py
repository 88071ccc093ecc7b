"""What stands between the app and its visitors: login, uploads, guards, first imports."""
