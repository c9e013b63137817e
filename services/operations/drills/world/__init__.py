"""A throw-away world for a drill: its processes, its databases, and the officers who work in it."""
