from django.apps import AppConfig


class JointReviewConfig(AppConfig):
    name = "joint_review"
    verbose_name = "联合审查"
