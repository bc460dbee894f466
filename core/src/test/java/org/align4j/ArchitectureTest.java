package org.align4j;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Who may see whom: the table of ARCHITECTURE.md. */
class ArchitectureTest {
    private static final JavaClasses MAIN = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.align4j");

    @Test
    void everyRoomSeesOnlyThoseItMay() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .layer("tensor")
                .definedBy("org.align4j.tensor..")
                .layer("config")
                .definedBy("org.align4j.config..")
                .layer("gguf")
                .definedBy("org.align4j.gguf..")
                .layer("text")
                .definedBy("org.align4j.text..")
                .layer("data")
                .definedBy("org.align4j.data..")
                .layer("model")
                .definedBy("org.align4j.model..")
                .layer("checkpoint")
                .definedBy("org.align4j.checkpoint..")
                .layer("objective")
                .definedBy("org.align4j.objective..")
                .layer("train")
                .definedBy("org.align4j.train..")
                .layer("generate")
                .definedBy("org.align4j.generate..")
                .layer("reward")
                .definedBy("org.align4j.reward..")
                .layer("report")
                .definedBy("org.align4j.report..")
                .layer("hub")
                .definedBy("org.align4j.hub..")
                .layer("exact")
                .definedBy("org.align4j.exact..")
                .layer("recipe")
                .definedBy("org.align4j.recipe..")
                .whereLayer("tensor")
                .mayNotAccessAnyLayer()
                .whereLayer("config")
                .mayNotAccessAnyLayer()
                .whereLayer("gguf")
                .mayNotAccessAnyLayer()
                .whereLayer("text")
                .mayOnlyAccessLayers("gguf")
                .whereLayer("data")
                .mayOnlyAccessLayers("text")
                .whereLayer("model")
                .mayOnlyAccessLayers("tensor", "data")
                .whereLayer("checkpoint")
                .mayOnlyAccessLayers("tensor", "model", "gguf")
                .whereLayer("objective")
                .mayOnlyAccessLayers("config")
                .whereLayer("train")
                .mayOnlyAccessLayers("tensor", "data", "model", "objective", "checkpoint")
                .whereLayer("generate")
                .mayOnlyAccessLayers("tensor", "data", "model")
                .whereLayer("reward")
                .mayOnlyAccessLayers("data", "model")
                .whereLayer("report")
                .mayOnlyAccessLayers("train")
                .whereLayer("hub")
                .mayNotAccessAnyLayer()
                .whereLayer("exact")
                .mayNotAccessAnyLayer()
                .whereLayer("recipe")
                .mayNotBeAccessedByAnyLayer()
                .check(MAIN);
    }

    @Test
    void packagesHaveNoCycles() {
        slices().matching("org.align4j.(*)..").should().beFreeOfCycles().check(MAIN);
    }

    @Test
    void nativeLibrariesStayInTheirRoom() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.align4j.tensor..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.bytedeco..", "com.sun.jna..")
                .check(MAIN);
        noClasses()
                .that()
                .resideOutsideOfPackage("org.align4j.text..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("ai.djl..")
                .check(MAIN);
    }

    @Test
    void noSourceFileIsLongerThan500Lines() throws IOException {
        for (String folder : List.of("src/main/java", "../cli/src/main/java", "../template/src/main/java")) {
            try (Stream<Path> files = Files.walk(Path.of(folder))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    assertThat(Files.readAllLines(file)).as(file.toString()).hasSizeLessThanOrEqualTo(500);
                }
            }
        }
    }
}
