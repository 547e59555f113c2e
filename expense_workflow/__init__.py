"""The Temporal side: one workflow, three activities, their worker and a starter."""
