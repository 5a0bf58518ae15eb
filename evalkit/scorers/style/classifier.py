"""The classifier of a style: character n-grams beside what the rules of `register` see, calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evalkit.text.register import register

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
_SHARE = 0.1
"""How much what the rules see counts beside n-grams, whose values are at most 1"""
_KINDS = ("尊敬", "謙譲", "丁寧")


def list_signs(text: str) -> list[float]:
    """List what the rules of `register` see of a text, each 0 or 1.

    Each kind of honorific, polite and casual sentences, and the pairs that tell kinds apart.
    """
    shown = register(text)
    raises, lowers, plain = (float(kind in shown.honorifics) for kind in _KINDS)
    polite, casual = float(shown.polite > 0), float(shown.casual > 0)
    neither = polite * (1.0 - raises) * (1.0 - lowers)
    return [raises, lowers, plain, polite, casual, raises * lowers, raises * polite, lowers * polite, neither]


def fit_classifier(texts: Sequence[str], label: Ints, folds: Ints, weights: Floats) -> Any:
    """Fit the classifier to all texts.

    Its sigmoid is fitted to scores of folds that it did not see. The classifier has scikit-learn's `predict_proba`.
    """
    from sklearn.calibration import CalibratedClassifierCV

    splits = [(np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)) for fold in np.unique(folds)]
    sure = CalibratedClassifierCV(_load_estimator(), method="sigmoid", cv=splits, ensemble=False)
    return sure.fit(list(texts), label, sample_weight=weights)


@cache
def _load_estimator() -> Any:
    from scipy import sparse
    from sklearn.base import BaseEstimator, ClassifierMixin
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    class _Style(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
        """TF-IDF of character n-grams (1 to 3), the signs of the rules, logistic regression."""

        def fit(self, texts: Sequence[str], label: Ints, sample_weight: Floats | None = None) -> Any:
            self.cut_ = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, lowercase=False)
            seen = self._join(self.cut_.fit_transform(texts), texts)
            self.line_ = LogisticRegression(C=10.0, max_iter=2_000).fit(seen, label, sample_weight)
            self.classes_ = self.line_.classes_
            return self

        def decision_function(self, texts: Sequence[str]) -> Floats:
            found: Floats = self.line_.decision_function(self._join(self.cut_.transform(texts), texts))
            return found

        def predict(self, texts: Sequence[str]) -> Any:
            return self.classes_[(self.decision_function(texts) > 0).astype(int)]

        @staticmethod
        def _join(grams: Any, texts: Sequence[str]) -> Any:
            signs = _SHARE * np.array([list_signs(text) for text in texts])
            return sparse.hstack([grams, sparse.csr_matrix(signs)]).tocsr()

    return _Style()
