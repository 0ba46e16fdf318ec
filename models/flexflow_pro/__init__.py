"""FlexFlow-Pro: a regular array whose PEs skip zeros on their own (contract: ``rtl/flexflow_pro``)."""

from models.flexflow_pro.config import FlexflowProConfig

__all__ = ["FlexflowProConfig"]
