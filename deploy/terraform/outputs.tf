output "manifests" {
  description = "Every manifest as YAML, by its name; the namespace has to come first and the migration before the pods."
  value = merge(
    { for name, manifest in local.of_files : name => yamlencode(manifest) },
    { for name, manifest in local.of_models : name => yamlencode(manifest) },
    { proxy = yamlencode(local.proxy) },
  )
}

output "secrets" {
  description = "Secrets that must be there before, by name, with the keys they hold. Their values never pass through here."
  value = {
    leitstand-database = ["url"]
    leitstand-keys     = ["default.key"]
    leitstand-tls      = ["tls.crt", "tls.key"]
    leitstand-entrance = ["htpasswd"]
  }
}
