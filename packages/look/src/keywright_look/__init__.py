"""The look that the portal and the console share: theme, fonts, icons and components."""
