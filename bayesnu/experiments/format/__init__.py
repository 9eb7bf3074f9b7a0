"""What an experiment file may say, typed and checked: one file a channel."""
