"""The calls of the v4 API that clients in the field speak. Shapes are theirs, the code is ours."""
