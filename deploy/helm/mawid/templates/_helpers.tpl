{{- define "mawid.labels" -}}
app.kubernetes.io/name: mawid
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- define "mawid.selector" -}}
app.kubernetes.io/name: mawid
app.kubernetes.io/instance: {{ .context.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{- define "mawid.imageOf" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .context.Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{- define "mawid.image" -}}
{{- include "mawid.imageOf" (dict "context" . "image" .Values.image) -}}
{{- end -}}

{{- /* What every pod of Mawid has: nobody's rights, a root file system that is read only. */ -}}
{{- define "mawid.pod" -}}
serviceAccountName: {{ .Release.Name }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: {type: RuntimeDefault}
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.nodeSelector }}
nodeSelector: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.tolerations }}
tolerations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "mawid.container" -}}
image: {{ .image | default (include "mawid.image" .context) }}
imagePullPolicy: {{ .context.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
envFrom:
  - configMapRef: {name: {{ .context.Release.Name }}-settings}
volumeMounts:
  {{- if and (hasPrefix "worker" .component) .context.Values.computing.enabled }}
  - {name: computing, mountPath: /run/computing, readOnly: true}
  {{- end }}
  - {name: secrets, mountPath: /run/secrets, readOnly: true}
  - {name: temporary, mountPath: /tmp}
  - {name: evidence, mountPath: /var/lib/mawid}
  {{- if .context.Values.secrets.files }}
  - {name: files, mountPath: /etc/mawid, readOnly: true}
  {{- end }}
{{- end -}}

{{- define "mawid.volumes" -}}
- name: secrets
  secret: {secretName: {{ .secret }}, defaultMode: 0440}
{{- if and (hasPrefix "worker" .component) .context.Values.computing.enabled }}
- name: computing
  secret: {secretName: {{ .context.Values.secrets.computing }}, defaultMode: 0440}
{{- end }}
- name: temporary
  emptyDir: {sizeLimit: {{ .temporary }}}
- name: evidence
{{- if .context.Values.evidence.claim }}
  persistentVolumeClaim: {claimName: {{ .context.Values.evidence.claim }}}
{{- else }}
  emptyDir: {sizeLimit: 1Gi}
{{- if not (index .context.Values.settings "MAWID_S3_BUCKET") }}
{{- fail "evidence.claim is empty and settings.MAWID_S3_BUCKET names no bucket: files would be lost with their pod" }}
{{- end }}
{{- end }}
{{- if .context.Values.secrets.files }}
- name: files
  configMap: {name: {{ .context.Values.secrets.files }}}
{{- end }}
{{- end -}}

{{- define "mawid.computing.environment" -}}
- {name: MAWID_DASK_ADDRESS, value: "tls://{{ .Release.Name }}-computing:8786"}
- {name: MAWID_DASK_CA, value: /run/computing/ca.pem}
- {name: MAWID_DASK_CERTIFICATE, value: /run/computing/certificate.pem}
- {name: MAWID_DASK_KEY, value: /run/computing/key.pem}
{{- end -}}

{{- /* One on each machine first, so that the loss of a machine is not the loss of all. */ -}}
{{- define "mawid.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "mawid.selector" . | nindent 8 }}
{{- end -}}
