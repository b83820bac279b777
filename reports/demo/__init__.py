"""The demo year: 庄子乡's 2025 and running 2026, made through the same services people use."""
