"""Declarations of the metrics that compare texts. Two texts, one per row, however long."""

from scorers.declaration import GROUP, WEIGHT, Declaration, Param

_FORM = Param("form", "choice", "Unicode form both texts are put in first", "nfc", ("nfc", "nfkc", "none"))
_FOLD = Param("fold", "boolean", "upper and lower case are the same", default=False)

ALL = (
    Declaration(
        "levenshtein", "1", "lower", 0.0, None, "texts", columns="one", kinds=("string",),
        params=(_FORM, _FOLD, WEIGHT, GROUP), losses="mean",
        about="mean number of characters to insert, remove or replace",
        edges="Unicode NFC first; an empty text is as far as the other is long",
    ),
    Declaration(
        "wer", "1", "lower", 0.0, None, "texts", columns="one", kinds=("string",), truth=("words",),
        params=(_FORM, _FOLD, GROUP), losses="mean",
        about="word error rate: edits between words over all rows / true words",
        edges="words between white space, punctuation and case kept; an empty true text adds edits only; all empty: "
        "no score; may exceed 1",
    ),
    Declaration(
        "cer", "1", "lower", 0.0, None, "texts", columns="one", kinds=("string",), truth=("words",),
        params=(_FORM, _FOLD, GROUP), losses="mean",
        about="character error rate: edits between characters over all rows / true characters",
        edges="white space counts one character between words, none at the ends; else as `wer`",
    ),
    Declaration(
        "jaccard_words", "1", "higher", 0.0, 1.0, "texts", columns="one", kinds=("string",),
        params=(
            _FORM,
            Param("fold", "boolean", "upper and lower case are the same", default=True),
            Param("both_empty", "choice", "what a row without any word counts", "one", ("one", "zero", "skip")),
            WEIGHT, GROUP,
        ),
        losses="rest",
        about="mean over rows of the words in both texts / in either",
        edges="words between white space count once; punctuation belongs to them",
    ),
    Declaration(
        "f1_tags", "1", "higher", 0.0, 1.0, "texts", columns="one", kinds=("string",), truth=("words",),
        params=(
            _FORM, _FOLD,
            Param("unknown", "choice", "what a tag that no truth of the part has counts", "drop", ("drop", "wrong")),
            WEIGHT, GROUP,
        ),
        about="F1 of all tags of all rows together, tags between white space",
        edges="an empty text has no tag (`empty = true` for the column); a tag counts once a row; a part without any true "
        "tag has no score",
    ),
    Declaration(
        "rouge_l", "1", "higher", 0.0, 1.0, "translations", columns="one", kinds=("string",),
        params=(
            Param("both_empty", "choice", "what a row of two texts without a word counts", "zero", ("zero", "one", "skip")),
            WEIGHT, GROUP,
        ),
        losses="rest",
        about="mean over rows of the F1 of the longest common subsequence of words",
        edges="words are runs of letters and digits in lower case, accents kept, no stemming",
    ),
    Declaration(
        "bleu", "1", "higher", 0.0, 100.0, "translations", columns="one", kinds=("string",),
        params=(
            Param("smooth", "choice", "precisions that are 0 become 1/2, 1/4 … of one n-gram, or make the score 0", "exp", ("exp", "none")),
            _FOLD,
        ),
        about="corpus BLEU of n-grams to 4 with brevity penalty",
        edges="one true text per row; signature nrefs:1 case:mixed eff:no tok:13a smooth:exp (`fold`: case:lc, "
        '`smooth = "none"`: smooth:none); under four words in all: 0',
    ),
    Declaration(
        "chrf", "1", "higher", 0.0, 100.0, "translations", columns="one", kinds=("string",),
        params=(Param("words", "integer", "longest n-grams of words beside those of characters (2: chrF++)", 0, low=0, high=2),),
        about="corpus chrF: F2 of n-grams of characters to 6",
        edges="one true text per row; signature nrefs:1 case:mixed eff:yes nc:6 nw:0 space:no (`words = 2`: nw:2)",
    ),
)  # fmt: skip
