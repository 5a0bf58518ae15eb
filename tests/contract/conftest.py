import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from api_world import world  # noqa: F401
from project import project  # noqa: F401
