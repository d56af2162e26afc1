variable "namespace" {
  description = "Namespace that is made and holds everything."
  type        = string
  default     = "leitstand"
}

variable "image" {
  description = "The image made from deploy/Dockerfile, with the registry it was pushed to; best by digest."
  type        = string
}

variable "proxy_image" {
  description = "The nginx beside each Leitstand."
  type        = string
  default     = "nginx:1.28"
}

variable "settings" {
  description = "Settings of Leitstand that differ from deploy/kubernetes/settings.yaml, by their full names."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, _ in var.settings : can(regex("^LEITSTAND_[A-Z_]+$", name))])
    error_message = "A setting is named LEITSTAND_..., as on the page of settings."
  }
  validation {
    condition     = !contains(keys(var.settings), "LEITSTAND_DATABASE_URL")
    error_message = "The address of the database may hold a password: it stands in the Secret leitstand-database."
  }
}

variable "pods" {
  description = "Fewest and most accepting pods, and pods that only work (0: none)."
  type        = object({ least = number, most = number, working = number })
  default     = { least = 2, most = 6, working = 0 }

  validation {
    condition     = var.pods.least >= 1 && var.pods.most >= var.pods.least && var.pods.working >= 0
    error_message = "At least one pod accepts, and the most are not fewer than the least."
  }
}

variable "database" {
  description = "Where PostgreSQL is, for the network policy."
  type        = object({ cidr = string, port = number })

  validation {
    condition     = can(cidrhost(var.database.cidr, 0))
    error_message = "database.cidr is a network such as 10.1.2.3/32."
  }
}

variable "models" {
  description = "Model endpoints that may be called, by a name of your choice."
  type        = map(object({ cidr = string, port = number }))
  default     = {}

  validation {
    condition     = alltrue([for _, model in var.models : can(cidrhost(model.cidr, 0)) && model.cidr != "0.0.0.0/0"])
    error_message = "A model endpoint is a network such as 10.1.2.3/32, never everything."
  }
}
