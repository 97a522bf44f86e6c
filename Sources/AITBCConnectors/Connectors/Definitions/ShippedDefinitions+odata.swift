// Made of config/definitions/odata.json5 by deploy/lib/embed-definitions; change that file.

extension ShippedDefinitions {
    static let odata = #"""
        // OData 4: the conventions that Business Central, SAP and Dynamics share. Name base_url, the proof of identity, and the
        // entity sets as streams: { customers: { path: "/Customers" } }.
        {
          kind: "erp",
          description: "Any OData 4 service",
          verified: "documentation",
          api_version: "4.0",
          base_url: "https://erp.example.com/odata",
          auth_type: "bearer",
          headers: { "OData-Version": "4.0" },

          defaults: {
            records: "value",
            key: "id",
            paging: { style: "link", next: ["@odata.nextLink"] },
          },

          // An entity type is the name of an entity set. An `etag` in the data makes sure that nobody changed it meanwhile;
          // without one, whatever is there is changed.
          operations: {
            create_entity: { path: "/${entity_type}", fields: "${rest}", etag: "ETag", etag_path: ["@odata.etag"] },
            update_entity: {
              method: "PATCH",
              path: "/${entity_type}(${odata_key})",
              headers: { "If-Match": "${if_match}" },
              fields: "${rest}",
              etag: "ETag",
              etag_path: ["@odata.etag"],
            },
            retrieve_entity: { method: "GET", path: "/${entity_type}(${odata_key})", etag: "ETag", etag_path: ["@odata.etag"] },
            delete_entity: { method: "DELETE", path: "/${entity_type}(${odata_key})", headers: { "If-Match": "${if_match}" } },
          },

          errors: { message: "error.message", code: "error.code" },
        }
        """#
}
