# Renders the manifests of ../kubernetes with what differs from one installation to the next. It needs no provider, so that
# it can be checked anywhere; ./apply hands the result to a cluster.
terraform {
  required_version = ">= 1.5"
}

locals {
  folder = "${path.module}/../kubernetes"
  files  = setsubtract(fileset(local.folder, "*.yaml"), var.pods.working > 0 ? [] : ["work.yaml"])

  # images are the only text that is replaced; all else is merged into what the files say
  read = {
    for file in local.files : trimsuffix(file, ".yaml") => yamldecode(
      replace(
        replace(file("${local.folder}/${file}"), "image: leitstand:0.1.0", "image: ${var.image}"),
        "image: nginx:1.28", "image: ${var.proxy_image}"
      )
    )
  }

  changed = {
    settings         = { data = merge(local.read["settings"].data, var.settings) }
    autoscaler       = { spec = merge(local.read["autoscaler"].spec, { minReplicas = var.pods.least, maxReplicas = var.pods.most }) }
    network-database = { spec = merge(local.read["network-database"].spec, { egress = [local.ways.database["postgresql"]] }) }
    work             = { spec = merge(try(local.read["work"].spec, {}), { replicas = var.pods.working }) }
  }

  # an entry of `egress` for each place
  ways = {
    for kind, places in { database = { postgresql = var.database }, model = var.models } : kind => {
      for name, place in places : name => {
        to    = [{ ipBlock = { cidr = place.cidr } }]
        ports = [{ protocol = "TCP", port = place.port }]
      }
    }
  }

  of_files = {
    for name, manifest in local.read : name => merge(
      manifest,
      try(local.changed[name], {}),
      { metadata = merge(manifest.metadata, { (name == "namespace" ? "name" : "namespace") = var.namespace }) },
    ) if name != "network-model"
  }

  of_models = {
    for name, way in local.ways.model : "network-model-${name}" => merge(
      local.read["network-model"],
      {
        metadata = merge(local.read["network-model"].metadata, { name = "leitstand-to-model-${name}", namespace = var.namespace })
        spec     = merge(local.read["network-model"].spec, { egress = [way] })
      },
    )
  }

  proxy = {
    apiVersion = "v1"
    kind       = "ConfigMap"
    metadata   = { name = "leitstand-proxy", namespace = var.namespace }
    data       = { "nginx.conf" = file("${path.module}/../proxy/nginx.conf") }
  }
}
