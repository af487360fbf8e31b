"""The twelve colours of departments (部门颜色), as frontend/src/styles/tokens.css has them (--dept-0 to --dept-11)."""

DEPARTMENT_COLORS = (
    "#538dd4",
    "#dc6600",
    "#26c9bc",
    "#764ac0",
    "#95bd09",
    "#c60073",
    "#266c89",
    "#fe918e",
    "#975205",
    "#d399ff",
    "#a7838b",
    "#b612fa",
)
