"""Keras's operations that pynn has not: why, and what is nearest, for the error that asking for one is."""

from __future__ import annotations

from collections.abc import Iterable

from ..registry import did_you_mean

_COMPLEX = "pynn has no complex numbers"

ABSENT: dict[str, str] = {
    "ctc_decode": "take ops.argmax of the outputs, then drop repeats and blanks",
    "ctc_loss": "pynn.losses.ctc(labels, logits) is the loss for labels padded with 0",
    "eig": f"{_COMPLEX}; ops.eigh is for symmetric matrices",
    "fold": "ops.scatter adds windows up",
    "polar": f"{_COMPLEX}; compute r * ops.cos(angle) and r * ops.sin(angle)",
    "view_as_complex": f"{_COMPLEX}; keep the real and the imaginary part as two tensors",
    "view_as_real": f"{_COMPLEX}; keep the real and the imaginary part as two tensors",
}
"""Names in `keras.ops`."""

ABSENT_IMAGE: dict[str, str] = {
    "elastic_transform": "ops.image.affine_transform moves whole pictures",
    "extract_patches_3d": "ops.image.extract_patches does two spatial axes",
    "gaussian_blur": "ops.depthwise_conv with a Gaussian kernel blurs",
    "map_coordinates": "ops.image.affine_transform reads pictures at positions",
    "perspective_transform": "ops.image.affine_transform does what keeps parallels parallel",
    "scale_and_translate": "ops.image.affine_transform scales and moves",
    "sobel_edges": "ops.depthwise_conv with Sobel's kernels finds edges",
    "ssim": "ops.psnr compares pictures",
}
"""Names in `keras.ops.image`."""


def message(module: str, name: str, names: Iterable[str], known: dict[str, str] = ABSENT) -> str:
    """Return the text of the AttributeError for a name that a module has not."""
    if name in known:
        return f"{module}.{name} of Keras is not in pynn yet; {known[name]}"
    return f"module {module!r} has no attribute {name!r}{did_you_mean(name, names)}"
