"""The Helm chart: rendered by Helm with several values, held against Kubernetes' own schemas and our settings."""

import json
import subprocess
from functools import cache

import pytest
import yaml

from booking.country.core.jobqueue import Queue
from tests.deploy.settings_named import secrets, unknown
from tests.deploy.tools import need
from tests.support.root import ROOT

CHART = ROOT / "deploy/helm/mawid"
KUBERNETES = ("1.29.0", "1.33.0", "1.37.0")
EVERYTHING = (
    *("ingress.enabled=true", "worker.autoscaling.enabled=true", "web.autoscaling.enabled=false", "secrets.files=f"),
    *("nodeSelector.disk=ssd", "image.pullSecrets[0].name=registry", f"image.digest=sha256:{'0' * 64}"),
    *("network.serversAt[0].ipBlock.cidr=10.0.0.0/8", "ingress.className=nginx", "podAnnotations.a=b"),
)
IN_A_BUCKET = ("evidence.claim=", "settings.MAWID_S3_BUCKET=mawid-files")
TELEPHONE = ("telephone.enabled=true", f"telephone.image.digest=sha256:{'1' * 64}")
COMPUTING = ("computing.enabled=true", "computing.replicas=3")
BY_QUEUE = (
    *("moreWorkers.notices.queues={notices,default}", "moreWorkers.notices.replicas=3"),
    *("moreWorkers.notices.jobs=8", "worker.queues={draws,long}", "worker.autoscaling.enabled=true"),
)
VALUES = {
    "by queue": BY_QUEUE,
    "as it is": (),
    "everything": (*EVERYTHING, *BY_QUEUE[:1], *COMPUTING),
    "nothing by itself": ("migrate.enabled=false",),
    "files in a bucket": IN_A_BUCKET,
    "telephone": TELEPHONE,
}


@cache
def template(*values: str) -> subprocess.CompletedProcess[str]:
    words = [word for value in values for word in ("--set", value)]
    command = [need("helm"), "template", "here", str(CHART), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def rendered(*values: str) -> list[dict]:
    done = template(*values)
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def pods(*values: str) -> dict[str, dict]:
    found = [one for one in rendered(*values) if one["kind"] in {"Deployment", "Job"}]
    return {one["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"]: one for one in found}


def test_helm_finds_nothing_to_say_of_the_chart():
    done = subprocess.run([need("helm"), "lint", "--strict", str(CHART)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("version", KUBERNETES)
@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_what_is_rendered_follows_the_schemas_of_kubernetes(version, values, tmp_path):
    (tmp_path / "all.yaml").write_text(template(*values).stdout)
    validate = [need("kubernetes-validate"), "--strict", "--quiet", "-k", version, str(tmp_path / "all.yaml")]
    done = subprocess.run(validate, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("value", ["web.replica=3", "settings.SECRET=a", "image.digest=latest", "web.replicas=many"])
def test_a_value_that_the_chart_does_not_know_is_refused(value):
    done = template(value)
    assert done.returncode != 0
    assert "values don't meet the specifications" in done.stderr


@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES)
def test_no_pod_may_do_more_than_it_needs(values):
    for pod in pods(*values).values():
        spec = pod["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        assert spec["automountServiceAccountToken"] is False
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert "memory" in container["resources"]["limits"]


def test_with_a_bucket_no_claim_is_mounted_and_without_either_nothing_is_rendered():
    volumes = [volume for pod in pods(*IN_A_BUCKET).values() for volume in pod["spec"]["template"]["spec"]["volumes"]]
    assert "persistentVolumeClaim" not in {name for volume in volumes for name in volume}
    done = template("evidence.claim=")
    assert done.returncode != 0
    assert "files would be lost with their pod" in done.stderr


def test_migrations_come_before_everything_else_and_alone_have_the_owner():
    found = pods()
    assert set(found) == {"web", "worker", "migrate"}
    migrate = found["migrate"]["metadata"]["annotations"]
    before = [one for one in rendered() if one["kind"] in {"ConfigMap", "ServiceAccount"}]
    assert migrate["helm.sh/hook"] == "pre-install,pre-upgrade"
    assert all(int(one["metadata"]["annotations"]["helm.sh/hook-weight"]) < 0 for one in before)
    names = {
        name: next(
            volume["secret"]["secretName"]
            for volume in pod["spec"]["template"]["spec"]["volumes"]
            if "secret" in volume
        )
        for name, pod in found.items()
    }
    assert len(set(names.values())) == 3


def test_only_what_goes_through_a_pooler_says_so():
    """Workers would look for jobs each second and make no backup, and nobody migrates through one."""
    found = pods(*TELEPHONE, "web.pooled=true")
    said = {
        name: [one["name"] for one in pod["spec"]["template"]["spec"]["containers"][0].get("env", ())]
        for name, pod in found.items()
    }
    assert {name for name, names in said.items() if "MAWID_DATABASE_POOLED" in names} == {"web", "telephone"}
    assert template("settings.MAWID_DATABASE_POOLED=true").returncode != 0


def test_a_web_process_is_ready_before_the_one_before_ends():
    spec = pods()["web"]["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert spec["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert container["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert container["livenessProbe"]["httpGet"]["path"] == "/livez"


def test_workers_are_added_by_the_age_of_the_queue():
    (scaler,) = [one for one in rendered(*EVERYTHING) if one["kind"] == "HorizontalPodAutoscaler"]
    (metric,) = scaler["spec"]["metrics"]
    known = (ROOT / "api/health/jobs.py").read_text(encoding="utf-8")
    assert f'"{metric["external"]["metric"]["name"]}"' in known


def test_workers_by_queue_are_deployments_of_their_own_and_each_queue_has_one():
    found = {name: one["spec"]["template"]["spec"]["containers"][0] for name, one in pods(*BY_QUEUE).items()}
    assert found["worker"]["args"] == ["worker", "--queue", "draws", "--queue", "long"]
    assert found["worker-notices"]["args"] == ["worker", "--queue", "notices", "--queue", "default"]
    assert {one["value"] for one in found["worker-notices"]["env"]} == {"8"}
    assert {*found["worker"]["args"], *found["worker-notices"]["args"]} >= {queue.value for queue in Queue}
    assert pods()["worker"]["spec"]["template"]["spec"]["containers"][0]["args"] == ["worker"]
    scalers = [one["spec"] for one in rendered(*BY_QUEUE) if one["kind"] == "HorizontalPodAutoscaler"]
    asked = [one["external"]["metric"] for spec in scalers for one in spec["metrics"] if one["type"] == "External"]
    assert {one["selector"]["matchLabels"]["queue"] for one in asked} == {queue.value for queue in Queue}
    known = (ROOT / "api/health/jobs.py").read_text(encoding="utf-8")
    assert all(f'"{one["name"]}"' in known for one in asked)


def test_what_waits_for_the_version_before_is_looked_at_again():
    (again,) = [one for one in rendered() if one["kind"] == "CronJob"]
    spec = again["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    first = pods()["migrate"]["spec"]["template"]["spec"]
    assert (spec["containers"][0]["args"], spec["volumes"]) == (["migrate"], first["volumes"])
    assert spec["containers"][0]["securityContext"] == first["containers"][0]["securityContext"]


def test_asterisk_alone_reaches_what_answers_calls_and_reads_its_speech():
    spec = pods(*TELEPHONE)["telephone"]["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    assert container["image"] == f"mawid-telephone@sha256:{'1' * 64}"
    assert (spec["replicas"], spec["strategy"]["type"]) == (1, "Recreate"), "who starts empties the folder"
    assert unknown({one["name"] for one in container["env"]}) == set()
    folder = next(one["value"] for one in container["env"] if one["name"] == "MAWID_SPEECH_DIR")
    mounts = {one["name"]: one["mountPath"] for one in container["volumeMounts"]}
    volumes = {one["name"]: one for one in spec["template"]["spec"]["volumes"]}
    assert (mounts["speech"], volumes["speech"]["persistentVolumeClaim"]["claimName"]) == (folder, "mawid-speech")
    assert volumes["secrets"]["secret"]["secretName"] == "mawid-telephone"
    guards = {one["metadata"]["name"]: one for one in rendered(*TELEPHONE) if one["kind"] == "NetworkPolicy"}
    (ingress,) = guards["here-telephone"]["spec"]["ingress"]
    assert ingress["from"] == [{"podSelector": {"matchLabels": {"app.kubernetes.io/name": "asterisk"}}}]
    assert "telephone" not in pods()
    assert template(*TELEPHONE, "telephone.speechClaim=").returncode != 0


@pytest.mark.parametrize("values", [(), BY_QUEUE], ids=["as it is", "by queue"])
def test_each_pod_is_met_by_a_policy_of_the_network_and_a_budget(values):
    guards = [one for one in rendered(*values) if one["kind"] in {"NetworkPolicy", "PodDisruptionBudget"}]
    for name, pod in pods(*values).items():
        labels = pod["spec"]["template"]["metadata"]["labels"].items()
        chosen = [(one["kind"], one["spec"].get("podSelector") or one["spec"]["selector"]) for one in guards]
        met = sorted(kind for kind, selector in chosen if selector["matchLabels"].items() <= labels)
        assert met == ["NetworkPolicy", *["PodDisruptionBudget"] * (name != "migrate")]


def test_who_only_computes_has_a_certificate_and_nothing_else():
    found = pods(*COMPUTING, *BY_QUEUE)
    for name in ("computing-scheduler", "computing-worker"):
        spec = found[name]["spec"]["template"]["spec"]
        (container,) = spec["containers"]
        assert "envFrom" not in container
        assert [one["name"] for one in spec["volumes"]] == ["computing", "temporary"]
        assert unknown({one["name"] for one in container["env"]}) == set()
    computes = {name for name, pod in found.items() if "mawid-computing" in json.dumps(pod)}
    assert computes == {"worker", "worker-notices", "computing-scheduler", "computing-worker"}
    assert found["computing-worker"]["spec"]["replicas"] == 3
    guarded = {one["metadata"]["name"] for one in rendered(*COMPUTING) if one["kind"] == "NetworkPolicy"}
    assert {"here-computing-scheduler", "here-computing-worker"} <= guarded


def test_settings_of_the_chart_are_ours_and_no_secret_is_among_them():
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
    (settings,) = [one["data"] for one in rendered() if one["kind"] == "ConfigMap"]
    assert unknown(settings) == unknown(values["settings"]) == set()
    schema = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))
    refused = set(schema["properties"]["settings"]["propertyNames"]["not"]["enum"])
    assert secrets() <= refused


def test_a_new_version_is_that_of_the_project():
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text(encoding="utf-8"))
    assert f'version = "{chart["appVersion"]}"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
