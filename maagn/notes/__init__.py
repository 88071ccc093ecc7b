"""What people write down about clips and slices."""
