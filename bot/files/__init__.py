"""Files of reviews: one reader of tables for the command line and for Telegram."""
