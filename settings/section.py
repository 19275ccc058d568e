"""What every table of settings is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Strict and frozen: an unknown key, a wrong type, nan or inf is a fault, never a guess."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)
