# Hands the rendered manifests to the cluster of the current kubeconfig. Copy this folder, change what is in `module`, then
#   terraform apply -target=kubernetes_manifest.namespace     and make the secrets that the output `secrets` names
#   terraform apply
terraform {
  required_version = ">= 1.5"
  required_providers {
    kubernetes = {
      source  = "hashicorp/kubernetes"
      version = ">= 2.30"
    }
  }
}

variable "image" {
  description = "The image made from deploy/Dockerfile."
  type        = string
}

variable "database" {
  description = "Where PostgreSQL is."
  type        = object({ cidr = string, port = number })
}

module "leitstand" {
  source   = "../"
  image    = var.image
  database = var.database
}

resource "kubernetes_manifest" "namespace" {
  manifest = yamldecode(module.leitstand.manifests["namespace"])
}

# The Job of another image is another Job: the old one has to go first, and the new one has to end before pods are rolled.
resource "kubernetes_manifest" "before" {
  for_each   = toset(["account", "settings", "network-deny", "network-database"])
  manifest   = yamldecode(module.leitstand.manifests[each.key])
  depends_on = [kubernetes_manifest.namespace]
}

resource "kubernetes_manifest" "migrate" {
  manifest   = yamldecode(module.leitstand.manifests["migrate"])
  depends_on = [kubernetes_manifest.before]

  wait {
    condition {
      type   = "Complete"
      status = "True"
    }
  }
  lifecycle {
    replace_triggered_by = [terraform_data.image]
  }
}

resource "terraform_data" "image" {
  input = var.image
}

resource "kubernetes_manifest" "rest" {
  for_each = {
    for name, text in module.leitstand.manifests : name => text
    if !contains(["namespace", "account", "settings", "network-deny", "network-database", "migrate"], name)
  }
  manifest   = yamldecode(each.value)
  depends_on = [kubernetes_manifest.migrate]
}
