"""Groups of examples: how they are cut, what each group's numbers are, and how far the groups lie apart.

`levels` cuts, `groups` counts, `disparity` compares groups in one arm, `change` compares how their gaps changed,
`families` compares counterfactual pairs, `frame` hands an arm to fairlearn's MetricFrame.
"""
