from django.apps import AppConfig


class RegionalEvalConfig(AppConfig):
    name = "regional_eval"
    verbose_name = "区域评估与多规合一"
