{{- define "millrace.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "millrace.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains (include "millrace.name" .) .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name (include "millrace.name" .) | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "millrace.selector" -}}
app.kubernetes.io/name: {{ include "millrace.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "millrace.labels" -}}
{{ include "millrace.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "millrace.serviceAccount" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "millrace.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- default "default" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "millrace.clustered" -}}
{{- if eq .Values.coordination.mode "Kcl" }}true{{ end }}
{{- end }}

{{- /* Refuses a configuration for the other mode: it would not fit what it runs in. Words count in any case, as in the daemon. */ -}}
{{- define "millrace.oneMode" -}}
{{- $mode := .Values.coordination.mode }}
{{- $coordination := .Values.config.Coordination | default .Values.config.coordination | default dict }}
{{- $said := $coordination.Mode | default $coordination.mode | default $mode }}
{{- if ne (lower $said) (lower $mode) }}
{{- fail (printf "coordination.mode is %s and config.Coordination.Mode is %s: set coordination.mode alone, the chart adds the other" $mode $said) }}
{{- end }}
{{- $needed := ternary "DynamoDb" "File" (eq $mode "Kcl") }}
{{- $store := .Values.config.Store | default .Values.config.store | default dict }}
{{- $type := $store.Type | default $store.type | default $needed }}
{{- if ne (lower $type) (lower $needed) }}
{{- fail (printf "coordination.mode is %s and config.Store.Type is %s: the mode needs %s, which is its default" $mode $type $needed) }}
{{- end }}
{{- end }}

{{- /* The configuration with what follows from the mode; what the user wrote wins. */ -}}
{{- define "millrace.config" -}}
{{- include "millrace.oneMode" . }}
{{- $ours := dict }}
{{- if include "millrace.clustered" . }}
{{- $ours = dict "Coordination" (dict "Mode" "Kcl") }}
{{- else }}
{{- $ours = dict "Store" (dict "Path" "/var/lib/millrace/millrace.db") }}
{{- end }}
{{- toYaml (mergeOverwrite $ours (deepCopy .Values.config)) }}
{{- end }}
