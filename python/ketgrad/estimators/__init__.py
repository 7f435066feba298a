"""Estimators with the manners of scikit-learn: variational circuits and quantum kernel machines.

Users take them from `ketgrad` itself, which imports each one's module when it is first used.
"""
