"""The pages of the portal: parse, authorise, call one service, render."""
