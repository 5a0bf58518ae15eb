"""Names of scorers that the field uses and evalkit has under another name, or as something else than a scorer."""

from __future__ import annotations

from collections.abc import Mapping

_OWN = "write it as a function in a file of your own, and name it: {type: 'MODULE:FUNCTION'}"
_GIVEN = "bring its scores beside the answers and gate on {type: given, score: NAME}"
_JUDGE = f"a model judges: {_GIVEN}"
_MODEL = f"a model measures: {_GIVEN}"
HERE: Mapping[str, tuple[str, ...]] = {
    "bleu": ("sacrebleu", "corpus_bleu", "gleu"),
    "checks": ("assert", "asserts", "assertions", "string_check", "keywords_all", "all_of"),
    "choice": ("multiple_choice", "mcq", "acc_norm", "letter", "mmlu", "choices", "pick"),
    "chrf": ("chrf++", "chrfpp", "chrf_plus"),
    "classification": (
        "classifier", "macro_f1", "weighted_f1", "micro_f1", "f1_macro", "precision", "recall", "balanced_accuracy",
        "kappa", "cohen_kappa", "confusion_matrix", "mcc", "label", "labels", "intent",
    ),
    "code_tests": (
        "humaneval", "mbpp", "pass_at_k", "pass@k", "unit_tests", "code_execution", "python_tests", "exec", "sandbox",
        "code_eval",
    ),
    "contains": (
        "includes", "include", "icontains", "substring", "keyword", "keywords", "contains_all", "contains_any",
    ),
    "embedding": ("embeddings", "semantic_similarity", "cosine", "cosine_similarity", "similar"),
    "exact": ("exact_match", "em", "quasi_exact_match", "accuracy", "acc", "match", "equals", "equal", "string_match"),
    "fuzzy": (
        "similarity", "text_similarity", "levenshtein", "edit_distance", "fuzzy_match", "jaro_winkler", "cer", "wer",
        "rapidfuzz",
    ),
    "given": ("human", "human_label", "external", "score", "annotation"),
    "instructions": ("ifeval", "m_ifeval", "instruction_following", "verifiable_instructions"),
    "json_schema": (
        "json", "is_json", "json_valid", "valid_json", "schema", "json_match", "json_diff", "structured_output",
    ),
    "judge": ("llm_judge", "llm_rubric", "llm", "llm_as_judge", "llm_as_a_judge", "g_eval", "geval", "rubric"),
    "language": ("language_detection", "lang", "langid", "language_match"),
    "length": ("word_count", "max_length", "max_tokens", "char_count", "brevity"),
    "likelihood": (
        "perplexity", "ppl", "word_perplexity", "bits_per_byte", "bpb", "nll", "loglikelihood", "log_likelihood",
        "loglikelihood_rolling", "byte_perplexity", "cross_entropy",
    ),
    "numeric": ("math", "number", "gsm8k", "numeric_match", "math_equal", "boxed", "number_match"),
    "persona": ("role_play", "character"),
    "rating": ("mae", "rmse", "spearman", "pearson", "qwk", "quadratic_kappa", "likert"),
    "refusal": ("is_refusal", "refusal_rate", "harmless", "over_refusal"),
    "regex": ("pattern", "regex_match", "re", "regexp", "starts_with", "ends_with"),
    "readability": ("flesch", "flesch_kincaid", "reading_ease", "jreadability"),
    "register": ("politeness", "formality", "keigo"),
    "rouge": ("rouge_l", "rougel", "rouge1", "rouge2", "rouge_1", "rouge_2", "rouge_n", "rouge_lsum", "rougelsum"),
    "style_like": ("style", "style_match", "authorship"),
    "squad": ("squad_v2", "squad_f1", "qa_f1"),
    "ter": ("translation_edit_rate",),
    "token_f1": ("f1", "f1_score", "overlap"),
    "tool_calls": (
        "tool_call", "tools", "function_call", "function_calls", "bfcl", "tool_use", "tool_correctness", "tool_call_f1",
    ),
}  # fmt: skip
"""Scorer -> the names it goes by elsewhere"""
ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    _JUDGE: (
        "llm_judge", "llm_rubric", "judge", "llm", "llm_as_judge", "llm_as_a_judge", "g_eval", "geval",
        "model_graded_qa", "model_graded_fact", "model_graded", "score_model", "label_model", "faithfulness",
        "answer_relevancy",
        "answer_relevance", "hallucination", "coherence", "fluency", "helpfulness", "factuality", "closed_qa", "rubric",
        "context_precision", "context_recall", "mt_bench", "arena", "pairwise", "preference",
    ),
    _MODEL: (
        "bertscore", "bert_score", "bleurt", "comet", "moverscore", "toxicity", "sentiment", "moderation", "meteor",
        "reward_model", "nli",
    ),
    _OWN: ("python", "javascript", "code", "function", "custom", "script", "lambda", "webhook", "callable"),
    "it is no scorer but a gate: {type: budget, metric: latency_p95, max_ratio: 1.1}": ("latency", "cost", "speed"),
    "it is no scorer but a gate: {type: fairness, slices: [TAG], max_change: 0.05}": ("bias", "parity", "group_gap"),
}  # fmt: skip
"""What to do -> the names that are no scorer here"""


def say_what_is_here(name: str, known: tuple[str, ...] = ()) -> str:
    """Say what evalkit has for a name that the field uses.

    "" where it is not known. `known` are the scorers that are there: only those are named.

    >>> say_what_is_here("rouge-L", ("rouge",)), say_what_is_here("no such thing")
    ("here it is the scorer 'rouge'", '')
    """
    key = name.strip().lower().replace("-", "_").replace(" ", "_")
    for scorer, names in HERE.items():
        if key in names and (not known or scorer in known):
            return f"here it is the scorer {scorer!r}"
    return next((told for told, names in ELSEWHERE.items() if key in names), "")
