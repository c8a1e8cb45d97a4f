"""A program: SciPy and scikit-learn with array-API dispatch turned on, given tensors. Prints a verdict a case, as JSON.

SciPy reads SCIPY_ARRAY_API when it is imported, so this needs a process of its own.
"""

import json
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from importlib import import_module as get
from types import SimpleNamespace
from typing import Any

import numpy as np

# Of d: x and p are (60, 4), p positive; y are the classes 0, 1, 2; q other classes; t and u are (60,).
Case = Callable[[Any], Any]


def _special(*names: str, arguments: int = 1) -> dict[str, Case]:
    return {
        f"scipy.special.{name}": lambda d, name=name: getattr(get("scipy.special"), name)(*[d.p] * arguments)
        for name in names
    }


def _stats(*names: str, of_two: bool = False) -> dict[str, Case]:
    def call(d: Any, name: str) -> Any:
        result = getattr(get("scipy.stats"), name)(*((d.t, d.u) if of_two else (d.p,)))
        return (result.statistic, result.pvalue) if hasattr(result, "statistic") else result

    return {f"scipy.stats.{name}": lambda d, name=name: call(d, name) for name in names}


def _metrics(*names: str, first: str = "y", second: str = "q", **settings: Any) -> dict[str, Case]:
    return {
        f"sklearn.metrics.{name}": lambda d, name=name: getattr(get("sklearn.metrics"), name)(
            vars(d)[first], vars(d)[second], **settings
        )
        for name in names
    }


def _pairwise(*names: str) -> dict[str, Case]:
    return {
        f"sklearn.metrics.pairwise.{name}": lambda d, name=name: getattr(
            get("sklearn.metrics.pairwise"), name
        )(d.p, d.x**2)
        for name in names
    }


def _scalers(*names: str) -> dict[str, Case]:
    return {
        f"sklearn.preprocessing.{name}": lambda d, name=name: getattr(
            get("sklearn.preprocessing"), name
        )().fit_transform(d.x)
        for name in names
    }


def _models(predict: str, target: str, **models: dict[str, Any]) -> dict[str, Case]:
    """Models by class, each with the settings that scikit-learn asks for where arrays are not NumPy's."""

    def call(d: Any, name: str, settings: dict[str, Any]) -> Any:
        module, _, cls = name.rpartition("__")
        model = getattr(get(f"sklearn.{module}"), cls)(**settings)
        return getattr(model.fit(d.x, vars(d)[target]), predict)(d.x)

    return {
        f"sklearn.{name.replace('__', '.')}": lambda d, name=name, settings=settings: call(d, name, settings)
        for name, settings in models.items()
    }


SCIPY: dict[str, Case] = {
    **_special("expit", "gammaln", "erf", "erfc", "ndtr", "log_ndtr", "i0", "i1", "j0", "entr", "softmax"),
    **_special("log_softmax", "logsumexp"),
    **_special("betaln", "gammainc", "xlogy", "rel_entr", "chdtr", arguments=2),
    **_stats("zscore", "skew", "kurtosis", "gmean", "hmean", "variation", "sem", "iqr", "entropy", "kstat"),
    **_stats("normaltest", "jarque_bera", "rankdata", "differential_entropy", "circmean", "power_divergence"),
    **_stats(
        "pearsonr", "ttest_ind", "bartlett", "levene", "mannwhitneyu", "wilcoxon", "f_oneway", of_two=True
    ),
    "scipy.signal.detrend": lambda d: get("scipy.signal").detrend(d.x, axis=0),
    "scipy.signal.convolve": lambda d: get("scipy.signal").convolve(d.t, d.u[:5], method="direct"),
    "scipy.signal.lfilter": lambda d: get("scipy.signal").lfilter(d.p[:3, 0], d.p[:2, 1], d.t),
    "scipy.signal.medfilt": lambda d: get("scipy.signal").medfilt(d.t, 3),
    "scipy.signal.savgol_filter": lambda d: get("scipy.signal").savgol_filter(d.x, 5, 2, axis=0),
    "scipy.ndimage.gaussian_filter": lambda d: get("scipy.ndimage").gaussian_filter(d.x, 1),
    "scipy.ndimage.median_filter": lambda d: get("scipy.ndimage").median_filter(d.x, 3),
    "scipy.ndimage.zoom": lambda d: get("scipy.ndimage").zoom(d.x, 2),
    "scipy.ndimage.label": lambda d: get("scipy.ndimage").label(d.x > 1)[0],
    "scipy.cluster.vq.kmeans2": lambda d: get("scipy.cluster.vq").kmeans2(d.x, d.x[:3], minit="matrix"),
    "scipy.cluster.vq.whiten": lambda d: get("scipy.cluster.vq").whiten(d.x),
    "scipy.cluster.hierarchy.linkage": lambda d: get("scipy.cluster.hierarchy").linkage(d.x, "ward"),
    "scipy.spatial.distance.pdist": lambda d: get("scipy.spatial.distance").pdist(d.x),
    "scipy.spatial.transform.Rotation": lambda d: (
        get("scipy.spatial.transform").Rotation.from_rotvec(d.x[:, :3]).as_matrix()
    ),
    "scipy.fft.dct": lambda d: get("scipy.fft").dct(d.x),
    "scipy.integrate.trapezoid": lambda d: get("scipy.integrate").trapezoid(d.x),
    "scipy.integrate.tanhsinh": lambda d: (
        get("scipy.integrate").tanhsinh(lambda z: z * z, d.t * 0, d.t).integral
    ),
    "scipy.differentiate.derivative": lambda d: get("scipy.differentiate").derivative(lambda z: z**3, d.t).df,
    "scipy.optimize.elementwise.find_root": lambda d: (
        get("scipy.optimize.elementwise").find_root(lambda z, c: z * z - c, (d.p * 0, d.p + 3), args=(d.p,)).x
    ),
}

SKLEARN: dict[str, Case] = {
    **_metrics("accuracy_score", "zero_one_loss", "balanced_accuracy_score", "cohen_kappa_score"),
    **_metrics("hamming_loss", "confusion_matrix"),
    **_metrics("f1_score", "precision_score", "recall_score", "jaccard_score", average="macro"),
    **_metrics("r2_score", "mean_squared_error", "mean_absolute_error", "max_error", first="t", second="u"),
    **_metrics("root_mean_squared_error", "explained_variance_score", first="t", second="u"),
    **_metrics("median_absolute_error", "mean_pinball_loss", first="t", second="u"),
    **_pairwise(
        "euclidean_distances", "cosine_similarity", "cosine_distances", "linear_kernel", "rbf_kernel"
    ),
    **_pairwise("polynomial_kernel", "laplacian_kernel", "chi2_kernel", "manhattan_distances"),
    **_scalers(
        "StandardScaler", "MinMaxScaler", "MaxAbsScaler", "Normalizer", "Binarizer", "PolynomialFeatures"
    ),
    "sklearn.preprocessing.LabelEncoder": lambda d: (
        get("sklearn.preprocessing").LabelEncoder().fit_transform(d.y)
    ),
    "sklearn.decomposition.PCA": lambda d: (
        get("sklearn.decomposition").PCA(2, svd_solver="full").fit_transform(d.x)
    ),
    "sklearn.model_selection.train_test_split": lambda d: get("sklearn.model_selection").train_test_split(
        d.x, d.y, random_state=0
    ),
    **_models("predict", "t", linear_model__Ridge={"solver": "svd"}, linear_model__RidgeCV={}),
    **_models("predict", "y", linear_model__RidgeClassifier={"solver": "svd"}, naive_bayes__GaussianNB={}),
    **_models("predict_proba", "y", discriminant_analysis__LinearDiscriminantAnalysis={"solver": "svd"}),
    "sklearn.mixture.GaussianMixture": lambda d: (
        get("sklearn.mixture")
        .GaussianMixture(2, init_params="random_from_data", random_state=0)
        .fit(d.x)
        .means_
    ),
    "sklearn.pipeline.make_pipeline": lambda d: (
        get("sklearn.pipeline")
        .make_pipeline(
            get("sklearn.preprocessing").StandardScaler(),
            get("sklearn.discriminant_analysis").LinearDiscriminantAnalysis(),
        )
        .fit(d.x, d.y)
        .predict(d.x)
    ),
}


def _data(make: Callable[[Any], Any]) -> SimpleNamespace:
    rng = np.random.default_rng(0)
    y = np.arange(60) % 3
    x = rng.normal(size=(60, 4)) + y[:, None]
    t = x @ np.array([1.0, 2, 3, 4]) + rng.normal(size=60)
    arrays = {
        "x": x,
        "p": np.abs(x) + 0.5,
        "y": y,
        "q": (y + (x[:, 0] > 1)) % 3,
        "t": t,
        "u": t + rng.normal(size=60),
    }
    return SimpleNamespace(**{name: make(array) for name, array in arrays.items()})


def _parts(result: Any) -> Iterator[Any]:
    if isinstance(result, (tuple, list)):
        for part in result:
            yield from _parts(part)
    else:
        yield result


def _verdict(case: Case) -> str:
    """'' where tensors give what arrays give, as tensors or plain numbers; else what is wrong."""
    import pynn

    try:
        of_tensors, of_arrays = list(_parts(case(_data(pynn.asarray)))), list(_parts(case(_data(np.asarray))))
        for got, expected in zip(of_tensors, of_arrays, strict=True):
            if not isinstance(got, (pynn.Tensor, float, int)) or isinstance(got, np.generic):
                return f"returned {type(got)}"
            np.testing.assert_allclose(np.asarray(got), expected, rtol=1e-6, atol=1e-9)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


def main() -> None:
    os.environ["SCIPY_ARRAY_API"] = "1"
    warnings.simplefilter("ignore")
    cases = dict(SCIPY)
    try:
        import sklearn

        sklearn.set_config(array_api_dispatch=True)
        cases |= SKLEARN
    except ImportError:
        pass
    json.dump({name: _verdict(case) for name, case in cases.items()}, sys.stdout)


if __name__ == "__main__":
    main()
